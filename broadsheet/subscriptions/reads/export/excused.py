"""Rows that name a person and are no part of the export, each with the reason.

The contract test (`tests/contracts/test_export.py`) walks all models: whatever names a user, an
e-mail address or a row of the export, and is neither exported nor here, fails it.
"""

AT_WORK = "What staff did at work: the newsroom's record, about reports and not about a reader."
NEVER_READERS = "Rows of the desk's own machinery; readers have none."

EXCUSED = {
    "account.EmailConfirmation": "Keys that confirm an address: whoever has one could.",
    "accounts.User_groups": "Rights at the desk, which the publisher gives and takes.",
    "accounts.User_user_permissions": "Rights at the desk, which the publisher gives and takes.",
    "allauth_idp_oidc.Client": "A partner's software; nobody owns one here.",
    "allauth_idp_oidc.Token": "Hashes of what a partner holds; the claim it is for is exported.",
    "desk.Article": AT_WORK,
    "desk.Author": "An author's page is public, and is the paper's.",
    "desk.Edit": AT_WORK,
    "desk.Likeness": AT_WORK,
    "desk.Notice": AT_WORK,
    "desk.Picture": AT_WORK,
    "desk.WithdrawalRequest": AT_WORK,
    "ledger.Credit": "The books' side of a change of plan, which is exported.",
    "ledger.Deferral": "Over which days the books earn a payment: the invoice says as much.",
    "ledger.GiftHold": "The books' side of a gift, which is exported.",
    "ledger.GiftRelease": "The books' side of a gift, which is exported.",
    "ledger.Fee": "What the payment service keeps of the paper's money.",
    "socialaccount.SocialToken": "Never written: what an issuer gives is used once, and not kept.",
    "subscriptions.SubscriberImport": AT_WORK,
    "subscriptions.Erasure": "While it is there the account is closed: nobody can ask for it.",
    "wagtailadmin.EditingSession": AT_WORK,
    "wagtailadmin.FormState": AT_WORK,
    "wagtailcore.Comment": AT_WORK,
    "wagtailcore.CommentReply": AT_WORK,
    "wagtailcore.Page": NEVER_READERS,
    "wagtailcore.PageLogEntry": AT_WORK,
    "wagtailcore.PageSubscription": NEVER_READERS,
    "wagtailcore.Revision": AT_WORK,
    "wagtailcore.TaskState": NEVER_READERS,
    "wagtailcore.UploadedFile": AT_WORK,
    "wagtailcore.WorkflowState": NEVER_READERS,
    "wagtaildocs.Document": AT_WORK,
    "wagtailimages.Image": AT_WORK,
}
