"""The pages for citizens: home, the way to an appointment, and the appointment itself. They work without JavaScript."""
