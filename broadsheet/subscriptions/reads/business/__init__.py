"""Readers and money as the publisher's screens show them. Amounts are written out; UTC moments."""
