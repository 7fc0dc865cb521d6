"""The commands of the command line, a module each; `run(options)` returns the exit status."""
