"""vmware.log: the stuns of a VM, measured."""
