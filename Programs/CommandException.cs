namespace SensorGrid.Programs;

/// <summary>A command cannot go on; the message is the one line that says so and what to do.</summary>
internal class CommandException(string message) : Exception(message);
