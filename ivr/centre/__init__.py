"""Pure contact-centre policy."""
