"""Applications owns applications, their status history, checklists and uploaded documents."""
