"""`python -m ivr` is `ivr`."""

from ivr.cli.main import main

if __name__ == "__main__":
    main()
