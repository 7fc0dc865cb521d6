"""Laurent and von Brecht (2018), Deep linear networks with arbitrary loss."""
