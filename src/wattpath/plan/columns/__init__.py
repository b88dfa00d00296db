"""The columns of the optimisation: deployments of each demand, evaluated and counted."""
