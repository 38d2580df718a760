// Copyright 2026 the Weft authors. MIT license.

/**
 * Reads what `deno doc --json` says about the public symbols of a package, as one flat list.
 *
 * @module
 */

/** A symbol, or a member of one. */
export interface DocSymbol {
  /** Name with that of its owner, such as `Thread.join`. */
  readonly name: string;
  /** What it is, such as `class`, `method` or `property`. */
  readonly kind: string;
  /** File and line of its declaration. */
  readonly place: string;
  /** The text of its comment, with that of all tags; empty if there is none. */
  readonly text: string;
  /** Whether the comment says what it is. */
  readonly documented: boolean;
  /** How many examples the comment has. */
  readonly examples: number;
  /** Names of its parameters; undefined where one of them is a pattern. */
  readonly params: readonly string[] | undefined;
  /** Names of the parameters that the comment describes. */
  readonly describedParams: readonly string[];
  /** Names of the types of its parameters. */
  readonly paramTypes: readonly string[];
  /** Names of the class or the interfaces that it extends. */
  readonly bases: readonly string[];
  /** The symbol that it belongs to; undefined for a symbol itself. */
  readonly owner: string | undefined;
}

/** An entry of a package. */
export interface DocEntry {
  /** URL of its module. */
  readonly url: string;
  /** The text of its module doc, with the examples. */
  readonly text: string;
  /** How many examples its module doc has. */
  readonly examples: number;
  /** What it exports itself or passes on, without what another entry has. */
  readonly symbols: readonly DocSymbol[];
}

interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
}

interface JsDoc {
  readonly doc?: string;
  readonly tags?: readonly Tag[];
}

// The parts of the output that are read; the rest is left as it is.
// deno-lint-ignore no-explicit-any
type Node = any;

/**
 * Reads the documentation of a package.
 *
 * @param root Folder of the package.
 * @param modules Its entries, as paths within the folder.
 * @returns One element for each entry.
 * @throws {Error} If `deno doc` fails.
 */
export async function readDocs(root: string, modules: readonly string[]): Promise<DocEntry[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...modules],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`Cannot read the documentation: ${decoder.decode(stderr)}`);
  const { nodes } = JSON.parse(decoder.decode(stdout));

  return Object.entries(nodes).map(([url, node]: [string, Node]) => ({
    url,
    text: textOf(node.module_doc),
    examples: examplesOf(node.module_doc),
    symbols: node.symbols.flatMap((symbol: Node) =>
      withoutImplementations(symbol.declarations)
        // A reference stands for a symbol that another entry has.
        .filter(({ kind, declarationKind }: Node) =>
          kind !== "reference" && declarationKind === "export"
        )
        .flatMap((declaration: Node) => declared(symbol.name, declaration))
    ),
  }));
}

function declared(name: string, declaration: Node): DocSymbol[] {
  const { kind, def = {} } = declaration;
  const self = describe(name, kind, declaration, def, undefined);
  const members: [fallback: string, nodes: Node[]][] = [
    ["constructor", withoutImplementations(def.constructors ?? [])],
    ["property", def.properties ?? []],
    ["method", withoutImplementations(def.methods ?? [])],
    ["call", def.callSignatures ?? []],
    ["index", def.indexSignatures ?? []],
    ["property", literals(def.tsType)],
  ];
  return [
    self,
    ...members.flatMap(([fallback, nodes]) =>
      nodes.filter((node) => !isHidden(node)).map((node) =>
        describe(
          `${name}.${node.name ?? fallback}`,
          node.kind ?? fallback,
          node,
          node.functionDef ?? node,
          name,
        )
      )
    ),
  ];
}

/** Leaves out what is not seen from outside: a body that has overloads. */
function withoutImplementations(nodes: Node[]): Node[] {
  const hasBody = (node: Node) => (node.functionDef ?? node.def ?? node).hasBody === true;
  const overloaded = new Set(
    nodes.filter((node) => !hasBody(node) && !node.isAbstract).map((node) => node.name),
  );
  return nodes.filter((node) => !(hasBody(node) && overloaded.has(node.name)));
}

/** Whether a member is for this package alone, or an override, whose base has the documentation. */
function isHidden(node: Node): boolean {
  return node.accessibility === "private" ||
    node.jsDoc?.tags?.some((tag: Tag) => tag.kind === "internal") ||
    (node.isOverride === true && node.jsDoc === undefined);
}

/** Members of the object types within a type. */
function literals(type: Node): Node[] {
  if (type === null || typeof type !== "object") return [];
  if (Array.isArray(type)) return type.flatMap(literals);
  if (type.kind === "typeLiteral") {
    return [...(type.value.properties ?? []), ...(type.value.methods ?? [])];
  }
  return type.kind === "union" || type.kind === "intersection" ? literals(type.value) : [];
}

function describe(
  name: string,
  kind: string,
  { jsDoc, location }: Node,
  def: Node,
  owner: string | undefined,
): DocSymbol {
  const params: Node[] = def.params ?? [];
  const names = params.map((param) => param.name ?? param.left?.name ?? param.arg?.name);
  const tags: readonly Tag[] = jsDoc?.tags ?? [];
  return {
    name,
    kind,
    place: `${location?.filename}:${(location?.line ?? 0) + 1}`,
    text: textOf(jsDoc),
    documented: (jsDoc?.doc ?? "").trim() !== "",
    examples: examplesOf(jsDoc),
    params: names.includes(undefined) ? undefined : names,
    describedParams: tags.filter((tag) => tag.kind === "param").map((tag) => tag.name ?? ""),
    paramTypes: params.map((param) => (param.tsType ?? param.left?.tsType)?.repr ?? ""),
    bases: [def.extends ?? []].flat().map((base: Node) => base.repr ?? base),
    owner,
  };
}

function textOf(jsDoc: JsDoc | undefined): string {
  const tags = (jsDoc?.tags ?? []).map((tag) => tag.doc ?? "");
  return [jsDoc?.doc ?? "", ...tags].join("\n").trim();
}

function examplesOf(jsDoc: JsDoc | undefined): number {
  return (jsDoc?.tags ?? []).filter((tag) => tag.kind === "example").length;
}
