"""`pgops report`: ready questions to a server, each with what a good and a bad answer is."""
