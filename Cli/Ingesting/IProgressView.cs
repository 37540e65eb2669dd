namespace SensorGrid.Cli.Ingesting;

/// <summary>Shows the user how far the sending is.</summary>
internal interface IProgressView
{
    /// <summary>Shows one line above the progress. Any thread may call it.</summary>
    void Note(string line);

    /// <summary>Shows the progress until the work ends, as the work does.</summary>
    Task ShowAsync(Task work);
}
