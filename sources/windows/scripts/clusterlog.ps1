# The last minutes of this node's cluster.log, packed with gzip: its end where it is too large.
# The folder is removed whatever happens, and so are those of runs that were cut off.
Import-Module FailoverClusters
$old = [DateTime]::Now.AddHours(-1)
foreach ($d in @(Get-ChildItem $env:TEMP -Filter 'stuncheck-*')) {
    if ($d.PSIsContainer -and $d.LastWriteTime -lt $old) { Remove-Item $d.FullName -Recurse -Force -ErrorAction SilentlyContinue }
}
$dir = Join-Path $env:TEMP ('stuncheck-' + [guid]::NewGuid())
$null = New-Item $dir -ItemType Directory
try {
    $null = Get-ClusterLog -Node $env:COMPUTERNAME -TimeSpan ([uint32]$P.Minutes) -Destination $dir
    $from = [IO.File]::OpenRead(@(Get-ChildItem $dir)[0].FullName)
    try {
        $most = [long]$P.MostBytes
        $cut = [Math]::Max([long]0, $from.Length - $most)
        $null = $from.Seek($cut, 'Begin')
        $to = New-Object IO.MemoryStream
        $zip = New-Object IO.Compression.GZipStream $to, ([IO.Compression.CompressionMode]::Compress), $true
        $some = New-Object byte[] 65536
        while (($n = $from.Read($some, 0, $some.Length)) -gt 0) { $zip.Write($some, 0, $n) }
        $zip.Close()
    } finally { $from.Close() }
} finally { Remove-Item $dir -Recurse -Force -ErrorAction SilentlyContinue }
$r = @{cut = [long]$cut; gzip = [Convert]::ToBase64String($to.ToArray())}
