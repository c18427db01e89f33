"""Average the weights of several runs that began with the same ones: `python -m models.average OUT.pt A.pt B.pt`.

Runs that began alike stay in one valley of the loss, and their mean generalises better than any of them, at no cost at
inference: a model soup (Wortsman et al., arXiv 2203.05482). Runs from different beginnings give nonsense.
"""

import argparse
from pathlib import Path

import torch

from models.network import Network, load, save


def average(networks: list[Network]) -> Network:
    """The first network with the mean of all their weights and statistics; counters stay the first's.

    ValueError: they are not of one configuration.
    """
    first, *others = networks
    if any(other.config != first.config for other in others):
        raise ValueError('the networks are not of one configuration')
    states = [network.state_dict() for network in networks]
    mean = {
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point() else value
        for name, value in states[0].items()
    }
    first.load_state_dict(mean)
    return first


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m models.average', description=__doc__.splitlines()[0])
    parser.add_argument('out', type=Path, help='checkpoint to write')
    parser.add_argument('weights', type=Path, nargs='+', help='checkpoints of one beginning')
    options = parser.parse_args()
    try:
        save(average([load(path) for path in options.weights]), options.out)
    except ValueError as error:
        raise SystemExit(f'{options.out}: {error}') from error


if __name__ == '__main__':
    main()
