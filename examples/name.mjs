import { newRepository, parseReference } from "varve/name";

const reference = parseReference("ubuntu");
console.log(reference.name(), String(reference.context()));

const repository = newRepository("localhost:5000/team/app");
console.log(repository.registry.scheme(), String(repository.tag("v1")));
