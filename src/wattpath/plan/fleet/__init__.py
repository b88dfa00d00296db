"""The fleet of one service: replicas confirmed request by request, cost and prices."""
