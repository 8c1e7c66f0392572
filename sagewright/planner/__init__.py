"""The application's side of the SDK, in a process of its own: checks, plans and prepares, encodes rows.

`sagewright.sdk.planner_client` starts it. The application's packages come into this process only, whose sys.path is
ours (docs/decisions/0020-one-name-in-site-packages.md).
"""
