"""One thread for PyTorch: several threads of one process stall each other when the machine has other work."""

import torch

torch.set_num_threads(1)
