# Everything a machine needs is installed by these targets; the second run takes seconds.
# `make demo` and `make test` are all that a bare Debian 12 needs (Python 3.11, git, make, root).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
# The demo and the lab are private: loopback only, their own ports, everything under .lab/.
export PYTHONUNBUFFERED = 1
# Whoever keeps Python from caching what it compiles has every process of every test compile all anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: cluster-proof mutants fuzz soak coverage-proof help venv install man logrotate graphviz lint test unit proof crash live leaks demo lab call lab-down bench prompts voices docs clean
.DEFAULT_GOAL := help

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

venv: $(STAMP) ## the virtual environment with everything in it, to work on OneCall

install: ## install OneCall on this machine (PREFIX=/usr/local, DESTDIR= for packages); docs/operating.md
	@PREFIX="$(or $(PREFIX),/usr/local)" DESTDIR="$(DESTDIR)" ./scripts/install

man: $(STAMP) ## man pages of all commands, into build/man1
	$(BIN)/ivr manual build/man1

$(STAMP): requirements.lock pyproject.toml
	@echo "== Python packages into $(VENV) (once, about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "OneCall needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || ./scripts/apt-install python3-venv
	@$(PYTHON) -m venv --clear $(VENV)
	@# pip says a line a package; a counter is enough for people.
	@$(BIN)/python -m pip install --require-hashes -r requirements.lock 2>&1 \
		| awk -v all="$$(grep -c == requirements.lock)" '{ said = said "\n" $$0 } \
			/^(Collecting|Processing)/ { printf "\r   %d of about %d packages", ++n, all; fflush() } \
			/^Installing/ { printf "\n   installing"; fflush() } \
			/^Successfully/ { done = 1 } \
			END { print ""; if (!done) { print said; exit 1 } }'
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

graphviz: # draws `ivr draw`'s SVG; everything else does without
	@command -v dot >/dev/null || ./scripts/apt-install graphviz

logrotate: # reads the rules that are installed; tests ask it
	@test -x /usr/sbin/logrotate || ./scripts/apt-install logrotate

lint: $(STAMP) ## style, types and the arrows between layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/ivr check flows --strict
	$(BIN)/ivr test flows --min-coverage 90

test: $(STAMP) ## every test there is: lint, unit, proof, and live on a real Asterisk; tells what fails in each
	@$(MAKE) --keep-going lint unit proof live

unit: $(STAMP) graphviz ## fast tests: no Asterisk
	$(BIN)/pytest -m "not asterisk and not proof" -n 2 -q

proof: $(STAMP) logrotate ## slower tests without Asterisk: proofs of whole hotlines, publishing under load
	$(BIN)/pytest -m proof -n 2 -q

mutants: $(STAMP) ## prove each mutant of the demo in which `ivr check` finds nothing; `make proof` proves one in six
	ONECALL_MUTANTS=all $(BIN)/pytest -n 2 -q tests/engine/prove/test_mutations.py

crash: $(STAMP) ## kill -9 a hundred times at every point of an order and of a payment (minutes)
	@for one in orders:orders orders:silent payments:payments payments:silent payments:losing; do \
		echo "== $$one"; $(BIN)/python -m tests.crash.$${one%:*} --campaign $${one#*:}; done

live: $(STAMP) graphviz ## tests on a private Asterisk, with real SIP calls (WORKERS=2)
	@# Calls are heard in real time: a worker a core.
	@# The second part tells what fails there, whatever failed in the first.
	status=0; \
	$(BIN)/pytest -m "asterisk and not alone" -n $${WORKERS:-2} --dist loadfile -q || status=$$?; \
	$(BIN)/pytest -m alone -q || status=$$?; \
	exit $$status

leaks: $(STAMP) ## key secrets again and again, and look for them everywhere (ROUNDS=25)
	ONECALL_LEAK_ROUNDS=$${ROUNDS:-25} $(BIN)/pytest -m asterisk -q tests/live/test_leaks.py

coverage-proof: $(STAMP) ## 2,000 live calls, kills and cuts: each has its row (CALLS=2000, ten minutes)
	ONECALL_COVERAGE_CALLS=$${CALLS:-2000} $(BIN)/pytest -m alone -q tests/live/test_coverage.py

soak: $(STAMP) ## callers, kills, cuts and locks, then the ledger of losses (CALLS=1000, three hours)
	ONECALL_SOAK_CALLS=$${CALLS:-1000} $(BIN)/pytest -m alone -q tests/live/test_soak.py

fuzz: $(STAMP) ## campaigns against all that reads what others wrote (RUNS=20000 for a short one; else hours)
	$(BIN)/python -m fuzz --runs $${RUNS:-0}

cluster-proof: $(STAMP) ## every part of a cluster killed in turn under live calls: no order, no survey is lost (CALLS=200)
	ONECALL_CLUSTER_CALLS=$${CALLS:-200} $(BIN)/pytest -m alone -q tests/live/cluster_proof.py

demo: $(STAMP) ## bring the hotline up, place a real call, stay up until Ctrl-C
	@$(BIN)/python -m lab demo

lab: $(STAMP) ## a private Asterisk beside the machine's own
	@$(BIN)/python -m lab up

call: $(STAMP) ## a real call through the lab (NUMBER=95500 KEYS=1)
	@$(BIN)/python -m lab.dial $(or $(NUMBER),95500) "$(KEYS)"

lab-down: $(STAMP) ## end what `make lab` started
	@$(BIN)/python -m lab down

bench: $(STAMP) ## figures, beside peers in the same run
	$(BIN)/python -m bench

prompts: $(STAMP) ## render the recordings whose texts have changed (needs `make voices` once)
	$(BIN)/ivr prompts build

voices: ## the voices that made the committed recordings, into .voices/ (nothing else needs them)
	@./prompts/install-voices

docs: $(STAMP) ## regenerate the reference pages of the steps, and the API document for banks
	$(BIN)/ivr reference
	$(BIN)/ivr openapi --out docs/api/openapi.json
	$(BIN)/ivr config reference

clean: ## remove what was built; `make lab-down` first
	rm -rf $(VENV) .lab build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
