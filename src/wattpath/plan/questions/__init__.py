"""Questions beside the plan: what fits into a power, what a shock strands, where to build."""
