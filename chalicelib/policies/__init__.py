"""How resources are reserved: modes, rules, prices, published as versions."""
