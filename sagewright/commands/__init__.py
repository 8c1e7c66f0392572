"""One module a command. Each has `main(arguments) -> int`, which returns the exit code."""

COMMANDS = {  # imported when called: `exports` must not wait for what `preflight` needs
    "up": "sagewright.commands.processes:up",
    "demo": "sagewright.commands.processes:demo",
    "exports": "sagewright.commands.processes:exports",
    "doctor": "sagewright.commands.processes:doctor",
    "manage": "sagewright.commands.processes:manage",
    "preflight": "sagewright.commands.preflight:main",
    "test-connection": "sagewright.commands.connection:main",
    "jobs": "sagewright.commands.lists:jobs",
    "models": "sagewright.commands.lists:models",
    "endpoints": "sagewright.commands.lists:endpoints",
    "logs": "sagewright.commands.logs:main",
    "deploy": "sagewright.commands.endpoint:deploy",
    "predict": "sagewright.commands.endpoint:predict",
    "delete": "sagewright.commands.endpoint:delete",
    "completion": "sagewright.commands.completion:main",
}
