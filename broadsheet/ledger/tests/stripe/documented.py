"""What Stripe documents, taken from the types that its SDK is generated with (its OpenAPI spec).

Parameters that a call does not have are refused, as Stripe does; objects have every documented
field. So neither can follow what the provider under test happens to send or read.
"""

import importlib
import re
import typing

import stripe

LEFT_OUT = {"deleted", "payments", "line_items", "sources", "subscriptions", "tax_ids"}
"""Of deleted objects only, or only where they are asked for by `expand`."""

CALLS = {
    ("POST", "customers"): ("_customer_create_params", "CustomerCreateParams"),
    ("POST", "customers/:id"): ("_customer_modify_params", "CustomerModifyParams"),
    ("POST", "coupons"): ("_coupon_create_params", "CouponCreateParams"),
    ("POST", "prices"): ("_price_create_params", "PriceCreateParams"),
    ("POST", "prices/:id"): ("_price_modify_params", "PriceModifyParams"),
    ("POST", "refunds"): ("_refund_create_params", "RefundCreateParams"),
    ("POST", "checkout/sessions"): ("checkout._session_create_params", "SessionCreateParams"),
    ("POST", "subscriptions/:id"): ("_subscription_modify_params", "SubscriptionModifyParams"),
    ("DELETE", "subscriptions/:id"): ("_subscription_cancel_params", "SubscriptionCancelParams"),
    ("POST", "subscription_schedules"): (
        "_subscription_schedule_create_params", "SubscriptionScheduleCreateParams",
    ),
    ("POST", "subscription_schedules/:id"): (
        "_subscription_schedule_modify_params", "SubscriptionScheduleModifyParams",
    ),
    ("GET", "events"): ("_event_list_params", "EventListParams"),
    ("GET", "charges"): ("_charge_list_params", "ChargeListParams"),
    ("GET", "disputes"): ("_dispute_list_params", "DisputeListParams"),
    ("GET", "invoices"): ("_invoice_list_params", "InvoiceListParams"),
    ("GET", "refunds"): ("_refund_list_params", "RefundListParams"),
    ("GET", "checkout/sessions"): ("checkout._session_list_params", "SessionListParams"),
}  # fmt: skip
"""Calls with parameters of their own; all others take `expand` alone."""


class Unknown(Exception):
    """A parameter that the call does not have, or one that it must have."""


def check(method, path, given):
    """Raise Unknown for a parameter that is not documented for a call."""
    if (method, path) not in CALLS:
        for name in given.keys() - {"expand"}:
            raise Unknown(name)
        return
    module, name = CALLS[method, path]
    _check(importlib.import_module(f"stripe.params.{module}"), name, given)


def _check(module, name, given):
    known = getattr(module, name).__annotations__
    for key, value in given.items():
        if key not in known:
            raise Unknown(key)
        text = str(known[key])
        inner = [word for word in re.findall(r"\w*Params\w+", text) if hasattr(module, word)]
        if not inner or "Dict[" in text:
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                _check(module, inner[0], part)
    for key, kind in known.items():
        if "NotRequired" not in str(kind) and key not in given:
            raise Unknown(f"{key} (missing)")


def shape(kind, **given):
    """An object with every documented field: those given, the others empty."""
    fields = {k: v for k, v in _fields(kind).items() if k not in LEFT_OUT or k in given}
    if unknown := given.keys() - fields.keys():
        raise AssertionError(f"{kind.__name__} has no {unknown}")
    return {name: given[name] if name in given else _empty(kind, name) for name in fields}


def _fields(kind):
    return {k: v for k, v in kind.__annotations__.items() if k != "OBJECT_NAME"}


def _empty(kind, name):
    wanted = _fields(kind)[name]
    options = typing.get_args(wanted)
    if type(None) in options or "Optional" in str(wanted):
        return None
    origin = typing.get_origin(wanted)
    if origin is list:
        return []
    if "UntypedStripeObject" in str(wanted):
        return {}
    if isinstance(wanted, type) and issubclass(wanted, stripe.StripeObject):
        return shape(wanted)
    if origin is typing.Literal:
        return options[0]
    if options and typing.get_origin(options[0]) is typing.Literal:
        return typing.get_args(options[0])[0]
    return {int: 0, bool: False, float: 0.0, str: ""}.get(wanted)
