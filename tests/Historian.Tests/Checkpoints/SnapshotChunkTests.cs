using SensorGrid.Historian.Checkpoints;

namespace SensorGrid.Historian.Tests.Checkpoints;

public sealed class SnapshotChunkTests
{
    private static readonly byte[] States = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
    private static readonly byte[] Tails = [21, 22, 23];

    /// <summary>Databases hold these bytes. Where they have to change, raise the chunk's version and keep reading this one.</summary>
    [Fact]
    public void The_header_stays_as_it_is()
    {
        Assert.Equal("0241de929fa3ebc7b90102030405060708090a0b0c0d", Convert.ToHexStringLower(Chunk().State.Span));
    }

    [Fact]
    public void Any_bit_that_changes_shows()
    {
        var whole = Chunk();
        Assert.Equal(States, whole.States.ToArray());
        Assert.True(whole.HasWholeTails);
        for (var bit = 0; bit < 8 * whole.State.Length; bit++)
        {
            var state = whole.State.ToArray();
            state[bit / 8] ^= (byte)(1 << (bit % 8));
            var spoiled = whole with { State = state };
            // The checksum of the tails guards the tails, not the states.
            if (bit / 8 is >= 5 and < 9)
            {
                Assert.Equal(States, spoiled.States.ToArray());
                Assert.False(spoiled.HasWholeTails);
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => spoiled.States.Length);
            }
        }
        for (var length = 0; length < whole.State.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => (whole with { State = whole.State[..length] }).States.Length);
        }
        Assert.False((whole with { Tails = Tails.AsMemory(1) }).HasWholeTails);
    }

    [Fact]
    public void The_first_version_has_no_checksum()
    {
        var chunk = new SnapshotChunk(0, (byte[])[1, .. States], Tails);

        Assert.False(chunk.HasChecksum);
        Assert.Equal(States, chunk.States.ToArray());
        Assert.True(chunk.HasWholeTails);
    }

    private static SnapshotChunk Chunk()
    {
        byte[] state = [.. new byte[SnapshotChunk.HeaderSize], .. States];
        SnapshotChunk.WriteHeader(state, Tails);
        return new SnapshotChunk(0, state, Tails);
    }
}
