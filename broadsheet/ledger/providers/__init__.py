"""Payment gateways behind one interface (`base.Provider`)."""
