"""``python -m ai_gateway`` is the ``ai-gateway`` command."""

from ai_gateway.cli.main import main

if __name__ == "__main__":
    main()
