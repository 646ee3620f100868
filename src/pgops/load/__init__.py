"""`pgops load`: clients that do what an application does."""
