/** What Metro finds as it was before React Native 0.79, when it did not read `exports`. */

const assert = require("node:assert/strict");
const { existsSync, readFileSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { resolve } = require("metro-resolver");

const APP = join(__dirname, "App.js");
const kindOf = (path) => (existsSync(path) ? (statSync(path).isFile() ? "f" : "d") : undefined);

/** The path of a module, from a file that imports it. */
function find(name, originModulePath = APP) {
  const context = {
    allowHaste: false,
    assetExts: new Set(),
    customResolverOptions: {},
    dev: true,
    disableHierarchicalLookup: false,
    doesFileExist: (path) => kindOf(path) === "f",
    extraNodeModules: null,
    fileSystemLookup(path) {
      const type = kindOf(path);
      return type ? { exists: true, type, realPath: path } : { exists: false };
    },
    getPackage: readPackage,
    getPackageForModule: packageOf,
    isESMImport: true,
    mainFields: ["react-native", "browser", "main"],
    nodeModulesPaths: [],
    originModulePath,
    preferNativePlatform: true,
    redirectModulePath: (path) => path,
    resolveAsset: () => null,
    resolveHasteModule: () => undefined,
    resolveHastePackage: () => undefined,
    sourceExts: ["js", "jsx", "json", "ts", "tsx"],
    unstable_conditionNames: [],
    unstable_conditionsByPlatform: {},
    unstable_enablePackageExports: false,
    unstable_logWarning() {},
  };
  const { type, filePath } = resolve(context, name, "ios");
  assert.equal(type, "sourceFile");
  return filePath;
}

function readPackage(path) {
  return kindOf(path) === "f" ? JSON.parse(readFileSync(path, "utf8")) : null;
}

function packageOf(path) {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const packageJson = readPackage(join(folder, "package.json"));
    if (packageJson) return { rootPath: folder, packageJson, packageRelativePath: "" };
  }
  return null;
}

const dist = join(__dirname, "node_modules", "@validiant", "realtime", "dist", "cjs");
assert.equal(find("@validiant/realtime"), join(dist, "index.js"));
assert.equal(find("@validiant/realtime/encryption"), join(dist, "encryption.js"));
assert.equal(find("@validiant/realtime/encryption/noble"), join(dist, "encryption", "noble.js"));
assert.equal(
  find("@validiant/realtime/encryption/devices"),
  join(dist, "encryption", "devices.js"),
);
assert.equal(find("@validiant/realtime/react"), join(dist, "react.js"));
assert.equal(find("@validiant/realtime/server"), join(dist, "server.js"));
assert.equal(find("@validiant/realtime/yjs"), join(dist, "yjs.js"));
assert.equal(find("@validiant/realtime/yjs/react"), join(dist, "yjs", "react.js"));
assert.ok(find("partysocket", join(dist, "core", "link.js")));
for (const name of ["@noble/ciphers/aes.js", "@noble/hashes/sha2.js"])
  assert.ok(find(name, join(dist, "encryption", "noble.js")));
assert.ok(find("y-protocols/awareness", join(dist, "yjs", "provider.js")));
assert.ok(find("partysocket/event-target-polyfill"));
