namespace SensorGrid.Engine;

/// <summary>How long what works beside ingest rests after a piece of its work.</summary>
internal static class WorkRest
{
    /// <summary>Pieces that take longer have waited rather than worked, for a Postgres that stood still or for a lock: nobody would be served by as long a rest.</summary>
    public static readonly TimeSpan MostWork = TimeSpan.FromSeconds(2);

    /// <param name="factor">So many times as long as the piece took.</param>
    public static TimeSpan After(TimeSpan took, int factor) => factor * (took < MostWork ? took : MostWork);
}
