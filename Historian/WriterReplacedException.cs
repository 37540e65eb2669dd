namespace SensorGrid.Historian;

/// <summary>Another program has written this database since; what this one knows of it is of the past.</summary>
public sealed class WriterReplacedException() : Exception("another SensorGrid has taken over this database: end it, then start this one again");
