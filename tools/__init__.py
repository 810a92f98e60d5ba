"""The commands of ./dev, for those who work on Berth and those who operate it; never deployed. `__main__` lists them.

They use the runtime (`local`) and the demo (`demo`), which know nothing of them.
"""
