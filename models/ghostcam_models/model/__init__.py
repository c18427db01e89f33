"""The network: its blocks, its definition and what is done to it before it is deployed."""
