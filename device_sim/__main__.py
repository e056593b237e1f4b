"""``python -m device_sim`` is ``amends sim`` (shell)."""

from device_sim.commands import app

if __name__ == "__main__":
    app(prog_name="amends sim")
