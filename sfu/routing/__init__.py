"""Who receives what: producers, consumers and the tables that connect them. No I/O."""
