"""Signed webhooks to public addresses only, and copies of audit trail checkpoints for the operator."""
