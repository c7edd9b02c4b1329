"""Filter users by their status as AWS does.

AWS: ListUsers takes the filter cognito:user_status = "UNCONFIRMED".
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
Engine 1.5.33: it reads no name with a colon, ignores the filter, and lists every user.
Delete when _apply_user_filter knows cognito:user_status.
"""

import functools
import re

from patches import expect


def apply() -> None:
    from ministack.services import cognito

    by_attribute = cognito._apply_user_filter
    expect("user_status_filter", by_attribute, r"""re.match(r'"?(\w+)"?\s*(=|\^=|!=)\s*"([^"]*)"', filter_str.strip())""")

    @functools.wraps(by_attribute)
    def by_status_too(users, filter_str):
        status = re.fullmatch(r'"?cognito:user_status"?\s*=\s*"([^"]*)"', filter_str.strip())
        if not status:
            return by_attribute(users, filter_str)
        return [user for user in users if user["UserStatus"].casefold() == status[1].casefold()]

    cognito._apply_user_filter = by_status_too
