"""How strong the gate is: faults of known kind and dose in a province of known truth, and what the checks say of them."""
