# Whether Windows lets this account change the cluster: asks it for a handle with full control
# (GENERIC_ALL, which Windows checks against the cluster's access list) and closes it. It changes
# nothing. `code` is what Windows said: 0 is yes, 5 is access denied.
$api = Add-Type -PassThru -Namespace Stuncheck -Name Cluster -MemberDefinition @'
[DllImport("clusapi.dll", SetLastError = true)] static extern IntPtr OpenClusterEx(IntPtr name, uint wanted, out uint granted);
[DllImport("clusapi.dll")] static extern bool CloseCluster(IntPtr cluster);
public static long Ask() {
    uint granted;
    IntPtr cluster = OpenClusterEx(IntPtr.Zero, 0x10000000, out granted);
    if (cluster == IntPtr.Zero) return Marshal.GetLastWin32Error();
    CloseCluster(cluster);
    return 0;
}
'@
$r = @{node = $env:COMPUTERNAME; code = [long]$api::Ask()}
