"""How actions in the audit are called on the page; one that is missing here is shown as it is written down."""

from services.gateway.render import N_

ACTIONS = {
    "account-changed": N_("Account changed"),
    "account-created": N_("Account made"),
    "account-disabled": N_("Account disabled"),
    "account-enabled": N_("Account enabled again"),
    "password-changed": N_("Password changed"),
    "password-reset": N_("New password given"),
    "recovery-code-used": N_("Recovery code used"),
    "recovery-codes-renewed": N_("New recovery codes"),
    "second-factor-removed": N_("Second factor removed"),
    "second-factor-set": N_("Second factor set up"),
    "sign-in": N_("Signed in"),
    "signed-out-everywhere": N_("Signed out everywhere"),
}
# Who acts without being an account.
SUBJECTS = {
    "command": N_("Command on the server"),
    "provider": N_("The authority's sign-in service"),
    "schedule": N_("As scheduled"),
}
# What has changed, and to what.
FIELDS = {"how": N_("how"), "name": N_("Name"), "offices": N_("Offices"), "roles": N_("Roles")}
VALUES = {
    "admin": N_("Account manager"),
    "clerk": N_("Clerk"),
    "council": N_("Staff council"),
    "manager": N_("Office manager"),
    "password": N_("Password"),
    "password and code": N_("Password and code"),
    "placement": N_("Placement officer"),
    "provider": N_("The authority's sign-in service"),
}
