"""Formulas of a product: arithmetic in text, compiled once for one applicant and for columns of a million.

A formula uses numbers, names, + - * / and comparisons, nothing else. IEEE 754 fixes the results to the last bit,
so one applicant and a column give the same bits. A comparison counts only as a factor of a number, as in
`(income < 1) * 1.0`, because flags add differently in columns. Division by zero gives infinity or NaN as in
columns; a rule about NaN is not met.
"""

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import copysign, inf, isnan, nan
from typing import Any

from domain.arithmetic import Quantity

AMOUNT, INSTALMENT = "amount", "instalment"
"""What a formula may use beside fields: the loan amount in dollars and the monthly payment, which vary."""

Measures = Callable[[Sequence[Quantity], Quantity, Quantity], tuple[Quantity, ...]]
"""Every measure for inputs, an amount in dollars and a monthly instalment."""

_MAX_LENGTH = 200


class InvalidFormula(ValueError):
    """The text is not a formula, or uses something that a formula must not."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula; `names` are those that it uses."""

    text: str
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tree = _number(self.text, _parse(self.text))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        object.__setattr__(self, "names", frozenset(names))

    def check_names(self, known: Collection[str]) -> None:
        """Raises InvalidFormula if the formula uses another name."""
        unknown = sorted(self.names - set(known))
        if unknown:
            raise InvalidFormula(f"{self.text!r} uses {', '.join(unknown)}; it can use {', '.join(sorted(known))}")


def compile_measures(
    formulas: Sequence[Formula], derived: Mapping[str, Formula], places: Mapping[str, int]
) -> Measures:
    """The function that computes all formulas.

    `derived` are named formulas that later ones may use, in order. `places` are the positions of the fields in the
    inputs.
    """
    used = {name for formula in (*formulas, *derived.values()) for name in formula.names}
    inputs = [f"        {name} = _inputs[{place}]" for name, place in places.items() if name in used]

    def body(expression: Callable[[Formula], str]) -> str:
        steps = [f"        {name} = {expression(formula)}" for name, formula in derived.items()]
        results = "".join(f"{expression(formula)}, " for formula in formulas)
        return "\n".join([*inputs, *steps, f"        return ({results})"])

    source = (
        f"def measures(_inputs, {AMOUNT}, {INSTALMENT}):\n    try:\n{body(_plain)}\n"
        "    except ZeroDivisionError:\n"  # numbers only; columns divide by zero without an exception
        f"{body(_total)}\n"
    )
    namespace: dict[str, Any] = {"__builtins__": {}, "ZeroDivisionError": ZeroDivisionError, "_divide": _divide}
    exec(source, namespace)  # noqa: S102 - it has nothing but names, numbers and operators, which `_parse` checked
    measures: Measures = namespace["measures"]
    return measures


def _parse(text: str) -> ast.expr:
    if len(text) > _MAX_LENGTH:
        raise InvalidFormula(f"a formula has at most {_MAX_LENGTH} characters: {text[:40]!r}…")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise InvalidFormula(f"{text!r} is not a formula") from fault
    return _checked(text, tree)


def _checked(text: str, node: ast.expr) -> ast.expr:
    """The expression with every number as a float; raises InvalidFormula for what a formula must not use."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return ast.Constant(float(number))
        case ast.Name(id=name) if not name.startswith("_"):
            return ast.Name(name, ast.Load())
        case ast.UnaryOp(op=ast.USub() as operator, operand=operand):
            return ast.UnaryOp(operator, _number(text, operand))
        case ast.BinOp(left=left, op=ast.Mult() as operator, right=right):
            parts = _checked(text, left), _checked(text, right)
            if all(isinstance(part, ast.Compare) for part in parts):
                raise InvalidFormula(f"{text!r} multiplies two comparisons; multiply each by a number")
            return ast.BinOp(parts[0], operator, parts[1])
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Div() as operator, right=right):
            return ast.BinOp(_number(text, left), operator, _number(text, right))
        case ast.Compare(
            left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() as operator], comparators=[right]
        ):
            return ast.Compare(_number(text, left), [operator], [_number(text, right)])
    raise InvalidFormula(
        f"{text!r} uses {ast.unparse(node)!r}; a formula has numbers, names, + - * / and < <= > >="
    )


def _number(text: str, node: ast.expr) -> ast.expr:
    checked = _checked(text, node)
    if isinstance(checked, ast.Compare):
        raise InvalidFormula(f"{text!r} uses the comparison {ast.unparse(node)!r} as a number; multiply it by 1.0")
    return checked


def _plain(formula: Formula) -> str:
    return ast.unparse(_parse(formula.text))


def _total(formula: Formula) -> str:
    """The formula with a division that is defined for every number."""
    return ast.unparse(_Divisions().visit(_parse(formula.text)))


class _Divisions(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.Call(ast.Name("_divide", ast.Load()), [node.left, node.right], [])


def _divide(left: float, right: float) -> float:
    """The quotient by IEEE 754, also of a division by zero."""
    if right != 0:
        return left / right
    if left == 0 or isnan(left):
        return nan
    return copysign(inf, left) * copysign(1.0, right)
