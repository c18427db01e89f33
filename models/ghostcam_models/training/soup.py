"""The average of the weights of several runs that began with the same ones.

Runs that began alike stay in one valley of the loss, and their mean generalises better than any of them, at no cost at
inference: a model soup (Wortsman et al., arXiv 2203.05482). Runs from different beginnings give nonsense.
"""

import torch

from ghostcam_models.common.command_line import UserError
from ghostcam_models.model.network import Network


def average(networks: list[Network]) -> Network:
    """The first network with the mean of all their weights and statistics; counters stay the first's.

    UserError: they are not of one configuration.
    """
    first, *others = networks
    if any(other.config != first.config for other in others):
        raise UserError('the networks are not of one configuration')
    states = [network.state_dict() for network in networks]
    mean = {
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point() else value
        for name, value in states[0].items()
    }
    first.load_state_dict(mean)
    return first
