"""What each part of routing promises."""
