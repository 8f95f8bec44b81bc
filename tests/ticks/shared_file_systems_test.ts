import { assert, assertEquals } from "@std/assert";
import { available } from "../support/available.ts";
import { SHARED_FILE_SYSTEMS } from "../../ticks/shared_file_systems.ts";

const HEADER = "/usr/include/linux/magic.h";
/** The kernel's names of those that its header has. */
const MAGIC_NAMES: Readonly<Record<string, string>> = {
  NFS_SUPER_MAGIC: "NFS",
  SMB_SUPER_MAGIC: "SMB",
  CIFS_SUPER_MAGIC: "CIFS",
  SMB2_SUPER_MAGIC: "SMB2",
  V9FS_MAGIC: "9p",
  FUSE_SUPER_MAGIC: "FUSE",
  CEPH_SUPER_MAGIC: "Ceph",
  AFS_SUPER_MAGIC: "AFS",
  AFS_FS_MAGIC: "kAFS",
  OCFS2_SUPER_MAGIC: "OCFS2",
};

Deno.test({
  name: "file systems that machines share are known by the kernel's own numbers",
  ignore: !available("cc"), // whose headers bring it
  fn() {
    const header = Deno.readTextFileSync(HEADER);
    for (const [macro, name] of Object.entries(MAGIC_NAMES)) {
      const number = new RegExp(`#define\\s+${macro}\\s+(0x[0-9a-fA-F]+)`).exec(header)?.[1];
      assert(number !== undefined, `${HEADER} has no ${macro}`);
      assertEquals(SHARED_FILE_SYSTEMS.get(Number(number)), name);
    }
  },
});
