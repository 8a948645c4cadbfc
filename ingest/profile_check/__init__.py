"""Whether a profile can work, said in one line per fault; `check.read` does it, the other modules are its parts."""
