"""Quality as loss in nats, and what a nat is worth in training compute.

The loss of a dense model with N parameters trained on D tokens is

    L(N, D) = E + A / N^alpha + B / D^beta                                   (1)

Training takes C = 6 N D FLOP. The best split of a budget is

    N* = G (C/6)^(beta/(alpha+beta)),  D* = (C/6) / N*,
    G  = (alpha A / (beta B))^(1/(alpha+beta))                               (2)

and its reducible loss R(C) = L* - E falls as C^-g with g = alpha beta / (alpha+beta). So a
rise of the loss by d is worth the compute multiplier

    M = (1 + d / R(C))^(1/g)                                                 (3)

All inputs are plain floats; nothing here is compiled, since it runs once per plan.

Where it breaks down: fitted at 1e18 to 1e22 FLOP on web text and carried on by powers of
ten; loss on text is a proxy for what users ask of a model; post-training is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from wattpath import catalog
from wattpath.errors import InputError

#: FLOP per parameter and token of training: two forward, four backward.
TRAINING_FLOP = 6.0

#: Attribute of the catalogue -> field of `LossLaw`.
_FIELDS = {
    "irreducible": "irreducible_nats",
    "size_coefficient": "size_coefficient",
    "size_exponent": "size_exponent",
    "data_coefficient": "data_coefficient",
    "data_exponent": "data_exponent",
}


@dataclass(frozen=True, slots=True)
class LossLaw:
    """Equation (1) with its constants.

    Parameters
    ----------
    key, name : str
        Names in the catalogue.
    irreducible_nats : float
        E [nat].
    size_coefficient, size_exponent : float
        A and alpha.
    data_coefficient, data_exponent : float
        B and beta.
    """

    key: str
    name: str
    irreducible_nats: float
    size_coefficient: float
    size_exponent: float
    data_coefficient: float
    data_exponent: float

    @property
    def budget_exponent(self) -> float:
        """g of equation (3): the reducible loss falls as the compute to this power."""
        a, b = self.size_exponent, self.data_exponent
        return a * b / (a + b)

    def loss_nats(self, parameters: float, tokens: float) -> float:
        """Loss of a dense model, equation (1) [nat per token].

        Parameters
        ----------
        parameters : float
            N [1].
        tokens : float
            D [token].
        """
        _positive("parameters", parameters)
        _positive("tokens", tokens)
        size = self.size_coefficient / parameters**self.size_exponent
        data = self.data_coefficient / tokens**self.data_exponent
        return float(self.irreducible_nats + size + data)

    def optimum(self, compute_flop: float) -> tuple[float, float]:
        """Best parameters N* and tokens D* of a budget, equation (2).

        Parameters
        ----------
        compute_flop : float
            C [FLOP].
        """
        _positive("compute", compute_flop)
        a, b = self.size_exponent, self.data_exponent
        product = compute_flop / TRAINING_FLOP
        ratio = a * self.size_coefficient / (b * self.data_coefficient)
        parameters = ratio ** (1.0 / (a + b)) * product ** (b / (a + b))
        return parameters, product / parameters

    def best_loss_nats(self, compute_flop: float) -> float:
        """Loss of the best dense model of a budget [nat per token]."""
        return self.loss_nats(*self.optimum(compute_flop))

    def compute_for(self, loss_nats: float) -> float:
        """Smallest budget whose best model reaches a loss [FLOP]; infinite below E."""
        reducible = loss_nats - self.irreducible_nats
        if reducible <= 0.0:
            return math.inf
        unit = self.best_loss_nats(1.0) - self.irreducible_nats
        return float((unit / reducible) ** (1.0 / self.budget_exponent))

    def exchange(self, loss_nats: float, compute_flop: float) -> float:
        """Compute multiplier that a rise of the loss is worth at a budget, equation (3).

        Parameters
        ----------
        loss_nats : float
            Rise of the loss [nat]; a gain is negative.
        compute_flop : float
            Budget C at which it is weighed [FLOP].

        Returns
        -------
        float
            M [-]: who gives up this much loss could have trained with 1/M of the budget;
            who must win it back needs M times the budget.
        """
        reducible = self.best_loss_nats(compute_flop) - self.irreducible_nats
        if loss_nats <= -reducible:
            return 0.0
        return float((1.0 + loss_nats / reducible) ** (1.0 / self.budget_exponent))

    def tokens_for(self, parameters: float, loss_nats: float) -> float:
        """Tokens with which a model of this size reaches a loss [token].

        Infinite where the size term alone already exceeds it.
        """
        _positive("parameters", parameters)
        size = self.size_coefficient / parameters**self.size_exponent
        rest = loss_nats - self.irreducible_nats - size
        if rest <= 0.0:
            return math.inf
        return float((self.data_coefficient / rest) ** (1.0 / self.data_exponent))

    def equal_loss_training(self, size_share: float, compute_flop: float) -> float:
        """Training compute of a model k times the best size, at equal loss, over the best.

        With k the share, x = k D(k N*, L*) / D* [-]; its inference takes k times the FLOP.
        Infinite where a model of that size cannot reach the loss with any data.
        """
        parameters, tokens = self.optimum(compute_flop)
        needed = self.tokens_for(size_share * parameters, self.loss_nats(parameters, tokens))
        return size_share * needed / tokens

    def compensating_tokens(self, parameters: float, tokens: float, loss_nats: float) -> float:
        """Tokens at which the same model makes up for a rise of the loss [token].

        This is how a set of levers meets a quality floor by longer training. Infinite
        where no amount of data is enough for a model of this size.
        """
        return self.tokens_for(parameters, self.loss_nats(parameters, tokens) - loss_nats)

    def sibling_loss_nats(self, parameters: float, tokens: float, size_share: float) -> float:
        """Rise of the loss of a distilled sibling with k times the parameters [nat].

        It is taken to be as good as a model of its size trained on all of the parent's
        tokens, L(kN, D) - L(N, D): distillation reaches that with a few per cent of them.

        Notes
        -----
        A student of a good teacher can be slightly better than that; healing with too few
        tokens, or cutting far below half, is worse.
        """
        return self.loss_nats(size_share * parameters, tokens) - self.loss_nats(parameters, tokens)


def load_law(
    name: str = "chinchilla-refit",
    path: str = "law",
    overrides: Mapping[str, float] | None = None,
) -> LossLaw:
    """A dense loss law from the catalogue.

    Parameters
    ----------
    name : str
        ``"chinchilla-refit"`` or ``"c4-refit"``.
    path : str, optional
        Where the name was given, for the error message.
    overrides : mapping of str to float, optional
        Field of `LossLaw` -> value. Coefficients and exponents of a fit are strongly
        correlated, so draws should move the exponents and the irreducible loss only.

    Raises
    ------
    InputError
        If the entry is a law of another form.
    """
    entry = catalog.load("law", name, path)
    if entry.text("form") != "dense-loss":
        raise InputError(path, "name a law of the form dense-loss", name)
    values = {fld: entry.si(attribute) for attribute, fld in _FIELDS.items()}
    values |= dict(overrides or {})
    return LossLaw(key=entry.key, name=entry.name, **values)


def _positive(name: str, value: float) -> None:
    if not (value > 0.0 and math.isfinite(value)):
        raise InputError(name, "be finite and > 0", value)
