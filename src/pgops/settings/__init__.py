"""`pgops settings`: what a cluster's settings shall be, why, and what its server has."""
