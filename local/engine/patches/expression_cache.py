"""Parse an expression once, not once for each item.

AWS: a query of a large partition takes milliseconds a page.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html
Engine 1.5.33: tokenizes and checks the expressions of a query for each item of
the partition, so a page of a partition of 20,000 items takes a second.
Delete when _evaluate_condition takes a parsed expression.
"""

import functools

from patches import expect

EXPRESSIONS = 1024  # kept at a time; an app has fewer


def apply() -> None:
    from ministack.services import dynamodb

    expect("expression_cache", dynamodb._evaluate_condition, "tokens = _tokenize(expr)", "_condition_syntax_error(expr, slot)")
    tokens = functools.lru_cache(EXPRESSIONS)(dynamodb._tokenize)
    dynamodb._tokenize = lambda expression: list(tokens(expression))
    dynamodb._condition_syntax_error = functools.lru_cache(EXPRESSIONS)(dynamodb._condition_syntax_error)
