"""Thin routes."""
