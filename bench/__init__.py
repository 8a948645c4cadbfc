"""Benchmarks: what a close costs and where the time goes. Ratios against a baseline of the same run; never a test."""
